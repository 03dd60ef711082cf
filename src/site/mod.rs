//! View models → Tera → path and bytes; one writer.
