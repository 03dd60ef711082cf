//! The table of shapes.

/// One shape.
pub(super) struct Shape {
    pub(super) name: &'static str,
    /// One of these stands in every text that has such a secret, and still does where that is written as JSON, so
    /// that they may be looked for in rows.
    pub(super) signs: &'static [&'static str],
    pub(super) pattern: &'static str,
}

/// All shapes that are known. What stands before a secret tells nothing: escapes of colours, of JSON and of addresses
/// end in letters. So only short beginnings ask for a boundary.
pub(super) const SHAPES: [Shape; 26] = [
    Shape {
        name: "age-secret-key",
        signs: &["AGE-SECRET-KEY-1"],
        pattern: r"AGE-SECRET-KEY-1[A-Z0-9]{58}",
    },
    Shape {
        name: "atlassian-token",
        signs: &["ATATT3"],
        pattern: r"ATATT3[A-Za-z0-9_=-]{50,}",
    },
    Shape {
        name: "aws-access-key",
        signs: &["AKIA", "ASIA"],
        pattern: r"(?:AKIA|ASIA)[A-Z2-7]{16}(?:[^A-Z0-9]|$)",
    },
    Shape {
        name: "aws-secret-key",
        signs: &[
            "aws_secret_access_key",
            "AWS_SECRET_ACCESS_KEY",
            "SecretAccessKey",
            "secretAccessKey",
        ],
        pattern: r#"(?:aws_secret_access_key|AWS_SECRET_ACCESS_KEY|[sS]ecretAccessKey)\\?["']?\s*[:=]\s*\\?["']?[A-Za-z0-9/+]{40}(?:[^A-Za-z0-9/+]|$)"#,
    },
    Shape {
        name: "azure-storage-key",
        signs: &["AccountKey="],
        pattern: r"AccountKey=[A-Za-z0-9+/]{86}==",
    },
    Shape {
        name: "digitalocean-token",
        signs: &["dop_v1_", "doo_v1_", "dor_v1_"],
        pattern: r"do[opr]_v1_[a-f0-9]{64}",
    },
    Shape {
        name: "docker-token",
        signs: &["dckr_pat_", "dckr_oat_"],
        pattern: r"dckr_[po]at_[A-Za-z0-9_-]{20,}",
    },
    Shape {
        name: "github-token",
        signs: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        pattern: r"(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})",
    },
    Shape {
        name: "gitlab-token",
        signs: &[
            "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glsoat-", "glft-", "glagent-",
        ],
        pattern: r"gl(?:pat|dt|rt|cbt|ptt|soat|ft|agent)-[A-Za-z0-9_-]{20,}",
    },
    Shape {
        name: "google-api-key",
        signs: &["AIza"],
        pattern: r"AIza[A-Za-z0-9_-]{35}(?:[^A-Za-z0-9_-]|$)",
    },
    Shape {
        name: "google-oauth-token",
        signs: &["ya29."],
        pattern: r"ya29\.[A-Za-z0-9_-]{30,}",
    },
    Shape {
        name: "google-oauth-secret",
        signs: &["GOCSPX-"],
        pattern: r"GOCSPX-[A-Za-z0-9_-]{28}",
    },
    Shape {
        name: "grafana-token",
        signs: &["glsa_"],
        pattern: r"glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}",
    },
    Shape {
        name: "hugging-face-token",
        signs: &["hf_"],
        pattern: r"(?:(?-u:\b)|_|\\[nrtbf]|%[0-9A-Fa-f]{2}|\x1b\[[0-9;]*m)hf_[A-Za-z0-9]{34,}",
    },
    Shape {
        name: "jwt",
        signs: &["eyJ"],
        pattern: r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}",
    },
    Shape {
        name: "model-api-key",
        signs: &["sk-ant-", "sk-proj-", "sk-svcacct-", "T3BlbkFJ"],
        pattern: r"sk-(?:(?:ant|proj|svcacct)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})",
    },
    Shape {
        name: "npm-token",
        signs: &["npm_"],
        pattern: r"npm_[A-Za-z0-9]{36}",
    },
    Shape {
        name: "private-key",
        signs: &["PRIVATE KEY"],
        pattern: r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
    },
    Shape {
        name: "pypi-token",
        signs: &["pypi-AgEI"],
        pattern: r"pypi-AgEI[A-Za-z0-9_-]{50,}",
    },
    Shape {
        name: "sendgrid-key",
        signs: &["SG."],
        pattern: r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    },
    Shape {
        name: "shopify-token",
        signs: &["shpat_", "shpca_", "shppa_", "shpss_"],
        pattern: r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}",
    },
    Shape {
        name: "slack-token",
        signs: &[
            "xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-",
            "xapp-",
        ],
        pattern: r"(?:xox[abcdeoprs]|xapp)-[A-Za-z0-9-]{16,}",
    },
    Shape {
        name: "slack-webhook",
        signs: &["hooks.slack.com"],
        pattern: r"hooks\.slack\.com/services/T[A-Za-z0-9_]+/B[A-Za-z0-9_]+/[A-Za-z0-9_]{16,}",
    },
    Shape {
        name: "stripe-key",
        signs: &["sk_live_", "rk_live_"],
        pattern: r"[sr]k_live_[A-Za-z0-9]{20,}",
    },
    Shape {
        name: "vault-token",
        signs: &["hvs.", "hvb."],
        pattern: r"(?:(?-u:\b)|_|\\[nrtbf]|%[0-9A-Fa-f]{2}|\x1b\[[0-9;]*m)hv[sb]\.[A-Za-z0-9_-]{24,}",
    },
    Shape {
        name: URL_PASSWORD,
        signs: &["://", r"\/"],
        pattern: r#"(?-u)[A-Za-z][A-Za-z0-9+.-]{1,30}:(?:\\{0,2}/){2}[^\s/:@"'<>`\\]{0,200}:[^\s/@"'<>`\\]{1,500}@(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])"#,
    },
];

/// A user's password in an address, as `https://NAME:PASSWORD@host`.
pub(super) const URL_PASSWORD: &str = "url-password";

/// The most bytes from the `//` of an address to behind its `@`, as the shape has them: the name, `:`, the password.
pub(super) const LOGIN: usize = 200 + 1 + 500 + 1;
