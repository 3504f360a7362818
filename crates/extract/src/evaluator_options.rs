//! How a project is evaluated, wherever it is.

use nix_eval::{Environment, EvaluatorOptions, Limits};

/// The options of an evaluator for a project: every schema, and no content of a plaintext secret in any
/// value.
#[must_use]
pub fn evaluator_options(limits: Limits) -> EvaluatorOptions {
    EvaluatorOptions {
        limits,
        schemas: *crate::SCHEMAS,
        environment: Environment {
            withheld: Some(|path, bytes| {
                secret_files::holds_plain_secret(path, bytes).then_some("a secret file")
            }),
            ..Environment::default()
        },
    }
}
