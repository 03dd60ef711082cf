//! What all formats in JSON share: reading what is damaged, a plain count of elements, documents
//! that are read element by element, and values that are read leniently.

mod count;
mod document;
mod salvage;
mod value;

pub(super) use self::document::{Document, around, elements};
pub(super) use self::salvage::salvage;
pub(super) use self::value::{flag, list, number, string, text, texts};
