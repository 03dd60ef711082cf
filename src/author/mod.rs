//! Edits of what people write.
