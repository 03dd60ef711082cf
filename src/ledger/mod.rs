//! Open, append, close.
