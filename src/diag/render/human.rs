//! STUB
use crate::diag::{Finding, Sources};
/// Renders annotated source.
pub fn human(_findings: &[Finding], _sources: &Sources, _color: bool, _width: usize) -> String {
    String::new()
}
