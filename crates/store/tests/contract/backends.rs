//! Every kind of store, new and empty.

use store::Store;

/// A store, where it is, and what keeps its file alive.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    pub(crate) store: Store,
    pub(crate) url: Option<String>,
    pub(crate) directory: tempfile::TempDir,
}

impl Backend {
    pub(crate) fn file() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("store.db")).unwrap();
        Self {
            name: "sqlite",
            store,
            url: None,
            directory,
        }
    }

    pub(crate) fn memory() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            name: "memory",
            store: Store::memory().unwrap(),
            url: None,
            directory,
        }
    }

    pub(crate) fn postgres() -> Self {
        let url = testkit::postgres_database();
        let store = Store::connect(&url).unwrap();
        Self {
            name: "postgres",
            store,
            url: Some(url),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// A second process's view of the same store.
    pub(crate) fn again(&self) -> Store {
        match &self.url {
            Some(url) => Store::connect(url).unwrap(),
            None => Store::open(&self.directory.path().join("store.db")).unwrap(),
        }
    }
}

/// The same check on every kind of store.
pub(crate) fn on_each(check: impl Fn(&Backend)) {
    for make in [Backend::file, Backend::memory, Backend::postgres] {
        let backend = make();
        println!("on {}", backend.name);
        check(&backend);
    }
}

/// On those that more than one process can use.
pub(crate) fn on_shared(check: impl Fn(&Backend)) {
    for make in [Backend::file, Backend::postgres] {
        let backend = make();
        println!("on {}", backend.name);
        check(&backend);
    }
}
