//! `app` waits for the disk, so its use cases run on threads that may wait; a request that is given up does not stop one half way.

use app::error::{Failure, Result};

use crate::state::{Parts, Server};

/// Runs a use case on a thread that may wait.
pub(crate) async fn ask<T: Send + 'static>(
    server: &Server,
    question: impl FnOnce(&Parts) -> Result<T> + Send + 'static,
) -> Result<T> {
    let server = server.clone();
    let asked = tokio::task::spawn_blocking(move || question(&server));
    match asked.await {
        Ok(answer) => answer,
        Err(error) => Err(Failure::internal(format!(
            "a question ended early: {error}"
        ))),
    }
}
