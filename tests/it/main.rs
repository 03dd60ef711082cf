//! End-to-end tests: the built binary, real repositories, git itself as the referee.

mod floors;
