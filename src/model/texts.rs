//! A catalogue of texts, as its file has it.

use super::OrderedMap;

/// Texts by section and name: the key of one is `section.name`.
pub type Catalogue = OrderedMap<OrderedMap<CatalogueText>>;

/// One text of a catalogue: one form, or several that numbers choose among.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogueText {
    /// The text as such, where no number decides its form.
    pub text: Option<String>,
    /// Forms by plural category (`one`, `other` …), as the number `n` asks for.
    pub forms: OrderedMap<String>,
    /// Forms of numbers inside the text, by placeholder: each as `forms`, its own number being `n`.
    pub parts: OrderedMap<OrderedMap<String>>,
}
