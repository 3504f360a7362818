//! The lints of mcp-lint: pure functions from the inventory to diagnostics.
//!
//! One lint is one folder: `mod.rs` with its metadata and check, `page.md` with its page,
//! `fixtures/` with small projects in which it fires or stays silent. One word in
//! in [`LINTS`] registers it; `tests/tidy.rs` fails where folder, page, fixtures and
//! registry disagree.
//!
//! A lint cannot fail, prints nothing and opens no file. It reports what is proven: an unknown
//! value never equals and never differs from anything.

mod access_denied;
mod context;
mod cover;
mod decryption_keys;
mod diagnostic;
mod directives;
mod edits;
mod ignores;
mod loads;
mod managed;
mod mcp;
mod metadata;
mod near_miss;
mod one_cause;
mod phrases;
mod problems;
mod recipients;
mod references;
mod run;
mod stops;
#[cfg(test)]
mod testing;
mod written;

pub use context::HostContext;
pub use diagnostic::{Confidence, Diagnostic, Edit, Fix, Help, Label, Severity};
pub use ignores::{FindingsContext, Ignored};
pub use metadata::{Check, Fixable, Group, Lint, ProjectContext};
pub use problems::{reports_problems, reports_unread};
pub use run::{Crash, Findings, run};

// One `mod` line for each lint, outside the macro, so that `cargo fmt` follows it.
mod activation_script_without_secret_dependency;
mod agenix_password_with_userborn;
mod agenix_symlink_false;
mod broad_group_readable;
mod circular_decryption_key;
mod container_bind_mounts_secret_generation;
mod container_uid_null;
mod creation_rule_defect;
mod damaged_secret_file;
mod darwin_secret_defaults;
mod decryption_key_unavailable_at_boot;
mod dynamic_user_reads_secret_directly;
mod empty_secret;
mod encrypted_file_named_by_text;
mod evaluation_problem;
mod generate_key_not_a_recipient;
mod group_write_masked_by_umask;
mod hardcoded_secret_path;
mod hm_agenix_unexpanded_runtime_dir;
mod hm_percent_r_leaks_into_config;
mod host_is_no_recipient;
mod ignore_without_reason;
mod json_nested_key;
mod key_ignored_for_whole_file_format;
mod literal_credential_in_nix;
mod malformed_ignore;
mod mcp_env_file_not_dotenv;
mod mcp_file_reference_not_supported_here;
mod mcp_reference_not_expanded;
mod mcp_secret_missing;
mod mcp_secret_name_mismatch;
mod mcp_secret_name_not_an_identifier;
mod mcp_secrets_path_literal;
mod mcp_secrets_path_mismatch;
mod mcp_server_enabled_by_accident;
mod mcp_wrapper_fails_open;
mod mcp_wrapper_replaced;
mod missing_secret_file;
mod mode_not_owner_only;
mod needed_for_users_owner_ignored;
mod no_decryption_key;
mod odd_or_invalid_mode;
mod option_not_available_in_this_module_class;
mod password_is_no_hash;
mod password_secret_not_needed_for_users;
mod path_inside_secrets_for_users;
mod path_is_not_absolute;
mod placeholder_outside_template;
mod private_key_in_repository;
mod private_key_path_literal;
mod recipient_identity_kind_mismatch;
mod recipients_out_of_sync;
mod rekey_host_key_is_a_path_as_text;
mod rekey_host_key_missing;
mod rekey_intermediary_secret_used;
mod rekey_master_identity_in_clear;
mod rekey_storage_shared_by_hosts;
mod rekeyed_file_missing;
mod renamed_secret_with_templates;
mod requires_installer_that_is_no_unit;
mod restart_units_missing_or_ineffective;
mod root_owned_parent_directory;
mod root_owned_secret;
mod secret_file_read_at_evaluation;
mod secret_generation_path_written_out;
mod secret_in_initrd_or_before_local_fs;
mod secret_in_session_environment;
mod secret_name_collision;
mod secret_not_mounted_into_container;
mod secret_on_command_line;
mod secret_option_path_literal;
mod secret_owner_mismatch;
mod secret_owner_not_declared;
mod secret_path_in_shared_or_persistent_dir;
mod secret_path_instead_of_value;
mod secret_path_prefix_mismatch;
mod secret_read_at_evaluation;
mod sops_file_outside_flake;
mod sops_format_mismatch;
mod sops_key_missing;
mod sops_value_not_a_string;
mod syntax_error;
mod system_secrets_decryptable_by_user_key;
mod template_uses_needed_for_users_secret;
mod too_few_keys_for_key_groups;
mod trailing_newline_suspected;
mod umask_poisons_secret_directory;
mod undeclared_secret;
mod undeclared_secret_path;
mod unencrypted_secret_file;
mod unexpanded_command_substitution;
mod unknown_ignore;
mod unread_secret;
mod unreadable_file;
mod untracked_secret_file;
mod unusable_decryption_key;
mod unused_ignore;
mod user_unit_not_ordered_after_secrets;
mod world_accessible_secret_mode;

/// Collects the metadata of each lint, sorted by name.
macro_rules! lints {
    ($($name:ident)*) => {
        /// Every lint, sorted by name.
        pub static LINTS: &[&Lint] = &[$(&$name::LINT),*];
    };
}

// To add a lint, add its folder, its `mod` line above and one word here.
lints! {
    activation_script_without_secret_dependency
    agenix_password_with_userborn
    agenix_symlink_false
    broad_group_readable
    circular_decryption_key
    container_bind_mounts_secret_generation
    container_uid_null
    creation_rule_defect
    damaged_secret_file
    darwin_secret_defaults
    decryption_key_unavailable_at_boot
    dynamic_user_reads_secret_directly
    empty_secret
    encrypted_file_named_by_text
    evaluation_problem
    generate_key_not_a_recipient
    group_write_masked_by_umask
    hardcoded_secret_path
    hm_agenix_unexpanded_runtime_dir
    hm_percent_r_leaks_into_config
    host_is_no_recipient
    ignore_without_reason
    json_nested_key
    key_ignored_for_whole_file_format
    literal_credential_in_nix
    malformed_ignore
    mcp_env_file_not_dotenv
    mcp_file_reference_not_supported_here
    mcp_reference_not_expanded
    mcp_secret_missing
    mcp_secret_name_mismatch
    mcp_secret_name_not_an_identifier
    mcp_secrets_path_literal
    mcp_secrets_path_mismatch
    mcp_server_enabled_by_accident
    mcp_wrapper_fails_open
    mcp_wrapper_replaced
    missing_secret_file
    mode_not_owner_only
    needed_for_users_owner_ignored
    no_decryption_key
    odd_or_invalid_mode
    option_not_available_in_this_module_class
    password_is_no_hash
    password_secret_not_needed_for_users
    path_inside_secrets_for_users
    path_is_not_absolute
    placeholder_outside_template
    private_key_in_repository
    private_key_path_literal
    recipient_identity_kind_mismatch
    recipients_out_of_sync
    rekey_host_key_is_a_path_as_text
    rekey_host_key_missing
    rekey_intermediary_secret_used
    rekey_master_identity_in_clear
    rekey_storage_shared_by_hosts
    rekeyed_file_missing
    renamed_secret_with_templates
    requires_installer_that_is_no_unit
    restart_units_missing_or_ineffective
    root_owned_parent_directory
    root_owned_secret
    secret_file_read_at_evaluation
    secret_generation_path_written_out
    secret_in_initrd_or_before_local_fs
    secret_in_session_environment
    secret_name_collision
    secret_not_mounted_into_container
    secret_on_command_line
    secret_option_path_literal
    secret_owner_mismatch
    secret_owner_not_declared
    secret_path_in_shared_or_persistent_dir
    secret_path_instead_of_value
    secret_path_prefix_mismatch
    secret_read_at_evaluation
    sops_file_outside_flake
    sops_format_mismatch
    sops_key_missing
    sops_value_not_a_string
    syntax_error
    system_secrets_decryptable_by_user_key
    template_uses_needed_for_users_secret
    too_few_keys_for_key_groups
    trailing_newline_suspected
    umask_poisons_secret_directory
    undeclared_secret
    undeclared_secret_path
    unencrypted_secret_file
    unexpanded_command_substitution
    unknown_ignore
    unread_secret
    unreadable_file
    untracked_secret_file
    unusable_decryption_key
    unused_ignore
    user_unit_not_ordered_after_secrets
    world_accessible_secret_mode
}

/// The lint with that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Lint> {
    LINTS.iter().copied().find(|lint| lint.name == name)
}
