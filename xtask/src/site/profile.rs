//! How much the compiler works: quick for the development loop, slow for what is published.

use clap::ValueEnum;

/// The variable by which `serve` and `dist` tell Trunk's hooks the profile; Trunk itself only tells debug from release.
pub(crate) const PROFILE_VARIABLE: &str = "DESCENT_PROFILE";

/// A set of cargo profiles, described in the workspace's Cargo.toml.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Profile {
    /// Compiles in seconds: for the development loop
    Dev,
    /// Nearly as fast and small as published, in minutes: for tests
    Site,
    /// What is published
    Release,
}

impl Profile {
    /// What a hook of Trunk finds in its environment.
    pub(crate) fn of_hook() -> Profile {
        let named = std::env::var(PROFILE_VARIABLE).ok().and_then(|name| Profile::from_str(&name, true).ok());
        named.unwrap_or_else(|| {
            if std::env::var("TRUNK_PROFILE").is_ok_and(|it| it == "release") { Profile::Release } else { Profile::Dev }
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Profile::Dev => "dev",
            Profile::Site => "site",
            Profile::Release => "release",
        }
    }

    /// Cargo's folder below `target/wasm32-unknown-unknown`.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Profile::Dev => "debug",
            Profile::Site | Profile::Release => self.name(),
        }
    }

    /// Cargo's profile for the app, which is to be small, not fast.
    pub(crate) fn of_app(self) -> &'static str {
        match self {
            Profile::Dev => self.name(),
            Profile::Site => "site-app",
            Profile::Release => "release-app",
        }
    }

    pub(crate) fn is_dev(self) -> bool {
        self == Profile::Dev
    }
}
