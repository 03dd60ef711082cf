//! What holds of texts.
