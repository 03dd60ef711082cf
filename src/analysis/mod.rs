//! Keys, matching, attempts, resolution, statistics, history. Pure.
