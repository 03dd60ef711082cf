//! The site's texts: each is named and each name is there, nothing is said beside them, and translations take effect.

mod page;
mod pseudo;
mod scan;
mod translated;
