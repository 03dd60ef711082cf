//! What all formats in XML share: a plain count, attributes and texts, and
//! elements that are read one at a time.

mod element;
mod scan;
mod text;

pub(super) use self::element::{Element, Enter, Visit, read, survey};
pub(super) use self::scan::Scanner;
pub(super) use self::text::{Attributes, Capped, push_reference, trim_line_breaks};
