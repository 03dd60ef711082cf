//! Sums, receipts, chain and history of closed launches.
