//! One file a rule: its page, its code, its check.

mod annotation_of_nothing;
mod approval_of_nothing;
mod bad_attachment_store;
mod bad_expression;
mod bad_query;
mod bad_redaction;
mod bad_tracker_address;
mod broken_link;
mod case_without_expectation;
mod case_without_steps;
mod category_without_conditions;
mod claimed_twice;
mod colliding_paths;
mod combine_without_parameters;
mod counted_steps;
mod dashboard_of_nothing;
mod distant_mute;
mod duplicate_id;
mod duplicate_project_key;
mod duplicate_requirement;
mod empty_expectation;
mod empty_gate;
mod empty_link;
mod empty_name;
mod empty_plan;
mod empty_title;
mod expired_gap;
mod expired_mute;
mod file_name_mismatch;
mod foreign_id;
mod gap_without_reason;
mod idle_option;
mod incomplete_new_issue;
mod invalid_selector;
mod issue_prefix;
mod key_format;
mod linked_steps;
mod long_path;
mod malformed_approval;
mod malformed_id;
mod matcher_without_conditions;
mod member_email;
mod misplaced_launch;
mod missing_option;
mod misspelt_label;
mod misspelt_type;
mod mute_of_nothing;
mod mute_without_owner;
mod mute_without_reason;
mod no_owner;
mod no_selector;
mod ordered_gate_query;
mod outside_link;
mod parameter_without_values;
mod plan_of_nothing;
mod project_folder_name;
mod related_to_itself;
mod relation_cycle;
mod repeated_email;
mod repeated_name;
mod repeated_reviewer;
mod repeated_step;
mod repeated_value;
mod requirement_cycle;
mod rule_out_of_scope;
mod step_cycle;
mod stranded_launch;
mod tag_with_comma;
mod too_few_reviewers;
mod torn_conflict;
mod unequal_columns;
mod unknown_case;
mod unknown_field;
mod unknown_field_value;
mod unknown_file;
mod unknown_grouping;
mod unknown_layer;
mod unknown_member;
mod unknown_muted_case;
mod unknown_owner;
mod unknown_parent;
mod unknown_placeholder;
mod unknown_planned_case;
mod unknown_requirement;
mod unknown_reviewer;
mod unknown_saved_query;
mod unknown_state;
mod unportable_name;
mod unreadable_annotation;
mod unreadable_launch;
mod unstored_field;
mod unused_steps;

use super::facts::Facts;
use crate::diag::{Code, Finding};

/// A rule over the whole workspace.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub(super) code: Code,
    /// Markdown with the sections *What it checks*, *Why*, *Example* and *Fix*. Fenced blocks name
    /// the file that they are; tests run the rule over them.
    pub(super) page: &'static str,
    pub(super) check: fn(&Facts<'_>, &mut Vec<Finding>),
}

const fn code(id: &'static str, name: &'static str) -> Code {
    Code { id, name }
}

/// All rules, by code.
pub(super) const RULES: &[Rule] = &[
    project_folder_name::RULE,
    key_format::RULE,
    duplicate_project_key::RULE,
    issue_prefix::RULE,
    no_owner::RULE,
    member_email::RULE,
    repeated_email::RULE,
    malformed_id::RULE,
    duplicate_id::RULE,
    foreign_id::RULE,
    unknown_state::RULE,
    unknown_layer::RULE,
    unknown_field::RULE,
    empty_title::RULE,
    unknown_owner::RULE,
    repeated_value::RULE,
    unknown_field_value::RULE,
    broken_link::RULE,
    outside_link::RULE,
    step_cycle::RULE,
    unused_steps::RULE,
    empty_expectation::RULE,
    case_without_steps::RULE,
    case_without_expectation::RULE,
    counted_steps::RULE,
    tag_with_comma::RULE,
    unknown_case::RULE,
    related_to_itself::RULE,
    combine_without_parameters::RULE,
    parameter_without_values::RULE,
    unequal_columns::RULE,
    empty_link::RULE,
    invalid_selector::RULE,
    claimed_twice::RULE,
    no_selector::RULE,
    misspelt_type::RULE,
    linked_steps::RULE,
    unknown_placeholder::RULE,
    bad_expression::RULE,
    matcher_without_conditions::RULE,
    file_name_mismatch::RULE,
    mute_without_reason::RULE,
    mute_without_owner::RULE,
    expired_mute::RULE,
    distant_mute::RULE,
    unknown_muted_case::RULE,
    mute_of_nothing::RULE,
    unportable_name::RULE,
    colliding_paths::RULE,
    long_path::RULE,
    unknown_file::RULE,
    unreadable_launch::RULE,
    misplaced_launch::RULE,
    stranded_launch::RULE,
    annotation_of_nothing::RULE,
    unreadable_annotation::RULE,
    bad_attachment_store::RULE,
    bad_redaction::RULE,
    bad_query::RULE,
    unstored_field::RULE,
    unknown_planned_case::RULE,
    unknown_saved_query::RULE,
    plan_of_nothing::RULE,
    empty_plan::RULE,
    unknown_member::RULE,
    duplicate_requirement::RULE,
    unknown_parent::RULE,
    requirement_cycle::RULE,
    expired_gap::RULE,
    gap_without_reason::RULE,
    unknown_requirement::RULE,
    category_without_conditions::RULE,
    repeated_name::RULE,
    empty_gate::RULE,
    rule_out_of_scope::RULE,
    bad_tracker_address::RULE,
    incomplete_new_issue::RULE,
    empty_name::RULE,
    torn_conflict::RULE,
    repeated_step::RULE,
    ordered_gate_query::RULE,
    approval_of_nothing::RULE,
    unknown_reviewer::RULE,
    malformed_approval::RULE,
    repeated_reviewer::RULE,
    too_few_reviewers::RULE,
    misspelt_label::RULE,
    dashboard_of_nothing::RULE,
    unknown_grouping::RULE,
    idle_option::RULE,
    missing_option::RULE,
    relation_cycle::RULE,
];
