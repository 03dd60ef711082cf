//! Rules over a workspace, one a file.
