//! Formats with one report a file, one file a format.

pub(super) mod allure1;
pub(super) mod ctrf;
pub(super) mod cucumber_json;
pub(super) mod cucumber_messages;
pub(super) mod dart;
pub(super) mod go;
pub(super) mod gtest;
pub(super) mod jest;
pub(super) mod libtest;
pub(super) mod mocha;
pub(super) mod nunit;
pub(super) mod nunit2;
pub(super) mod playwright;
pub(super) mod pytest_json;
pub(super) mod robot;
pub(super) mod tallybook;
pub(super) mod tap;
pub(super) mod trx;
pub(super) mod xunit;
