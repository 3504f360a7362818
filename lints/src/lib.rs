//! The lints of mcp-lint: pure functions from the inventory to diagnostics.
//!
//! One lint is one folder: `mod.rs` with its metadata and check, `page.md` with its page,
//! `fixtures/` with small projects in which it fires or stays silent. One word in
//! in [`LINTS`] registers it; `tests/tidy.rs` fails where folder, page, fixtures and
//! registry disagree.
//!
//! A lint cannot fail, prints nothing and opens no file. It reports what is proven: an unknown
//! value never equals and never differs from anything.

mod context;
mod denied;
mod diagnostic;
mod directives;
mod edits;
mod ignores;
mod managed;
mod mentions;
mod metadata;
mod near_miss;
mod problems;
mod recipients;
mod run;
#[cfg(test)]
mod testing;
mod words;

pub use context::HostContext;
pub use diagnostic::{Confidence, Diagnostic, Edit, Fix, Help, Label, Severity};
pub use ignores::{FindingsContext, Ignored};
pub use metadata::{Check, Fixable, Group, Lint, ProjectContext};
pub use run::{Crash, Findings, run};

/// Declares the module of each lint and collects their metadata, sorted by name.
macro_rules! lints {
    ($($name:ident)*) => {
        $(mod $name;)*

        /// Every lint, sorted by name.
        pub static LINTS: &[&Lint] = &[$(&$name::LINT),*];
    };
}

// To add a lint, add its folder and one word here.
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
    evaluation_problem
    generate_key_not_a_recipient
    group_write_masked_by_umask
    hardcoded_secret_path
    hm_agenix_unexpanded_runtime_dir
    hm_percent_r_leaks_into_config
    ignore_without_reason
    json_nested_key
    key_ignored_for_whole_file_format
    literal_credential_in_nix
    malformed_ignore
    mcp_env_file_not_dotenv
    mcp_file_reference_not_supported_here
    mcp_secret_missing
    mcp_secret_name_mismatch
    mcp_secret_name_not_an_identifier
    mcp_secrets_path_literal
    mcp_secrets_path_mismatch
    mcp_server_enabled_by_accident
    mcp_wrapper_fails_open
    missing_secret_file
    mode_not_owner_only
    needed_for_users_owner_ignored
    odd_or_invalid_mode
    option_not_available_in_this_module_class
    password_secret_not_needed_for_users
    path_inside_secrets_for_users
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
    restart_units_missing_or_ineffective
    root_owned_parent_directory
    root_owned_secret
    secret_in_initrd_or_before_local_fs
    secret_in_session_environment
    secret_name_collision
    secret_on_command_line
    secret_option_path_literal
    secret_owner_mismatch
    secret_owner_not_declared
    secret_path_in_shared_or_persistent_dir
    secret_path_prefix_mismatch
    secret_read_at_evaluation
    sops_file_outside_flake
    sops_format_mismatch
    sops_key_missing
    sops_value_not_a_string
    syntax_error
    system_secrets_decryptable_by_user_key
    template_uses_needed_for_users_secret
    trailing_newline_suspected
    umask_poisons_secret_directory
    undeclared_secret_path
    unencrypted_secret_file
    unexpanded_command_substitution
    unknown_ignore
    unreadable_file
    untracked_secret_file
    unused_ignore
    user_unit_not_ordered_after_secrets
    world_accessible_secret_mode
}

/// The lint with that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Lint> {
    LINTS.iter().copied().find(|lint| lint.name == name)
}
