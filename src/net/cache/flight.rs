//! Single flight: of several that want the same bytes at once, one asks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::OnceCell;

use crate::inspect::RegistryError;

/// What is under way, by name. An answer is shared by those who waited for it, and by nobody
/// after them.
pub(in crate::net) struct Flights<T>(Mutex<HashMap<String, Weak<Flight<T>>>>);

type Flight<T> = OnceCell<Result<T, RegistryError>>;

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Flights<T> {
    /// The answer of `ask`, or of somebody who asks the same already. Whoever is cancelled while
    /// others wait leaves the asking to one of them.
    ///
    /// # Errors
    /// Those of `ask`.
    pub(in crate::net) async fn one<F>(
        &self,
        name: String,
        ask: impl FnOnce() -> F,
    ) -> Result<T, RegistryError>
    where
        F: Future<Output = Result<T, RegistryError>>,
    {
        let flight = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let under_way = all.get(&name).and_then(Weak::upgrade);
            under_way.filter(|flight| !flight.initialized()).unwrap_or_else(|| {
                all.retain(|_, flight| flight.strong_count() > 0);
                let flight = Arc::new(OnceCell::new());
                all.insert(name, Arc::downgrade(&flight));
                flight
            })
        };
        flight.get_or_init(ask).await.clone()
    }
}
