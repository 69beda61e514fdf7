//! Creation of sessions: exactly one for each user and idempotency key.

use std::fmt;
use std::sync::Arc;

use cr3dentials_core::contract::CreateRequest;
use cr3dentials_core::wire::{
    CreateSession, CreatedSession, Platform, PlatformSummary, SESSION_COUNTRIES, SessionStatus,
};
use serde_json::{Value, json};
use url::Url;

use super::SessionRegistry;
use super::embed_url::EmbedUrlError;
use super::keyed_locks::KeyedLocks;
use crate::clock;
use crate::config::Config;
use crate::provider::{Budget, Client, Platforms, PlatformsError, Priority, ProviderError, USER_PERMIT_TIMEOUT};
use crate::secret::{Secret, sha256};
use crate::session_json::merge_session;
use crate::store::{Creation, NewSession, Record, Store, StoreError};

/// Creates sessions, one for each idempotency key of a user.
#[derive(Debug)]
pub(crate) struct SessionCreator {
    store: Store,
    client: Client,
    budget: Budget,
    registry: Arc<SessionRegistry>,
    platforms: Arc<Platforms>,
    expires_in_hours: Option<u16>,
    webhook_url: Option<Url>,
    browser_may_choose_country: bool,
    /// Allow one creation at a time for each user's idempotency key.
    locks: KeyedLocks,
}

/// A session that was created now, or earlier with the same idempotency key.
pub(crate) struct Created {
    pub(crate) record: Arc<Record>,
    pub(crate) embed_url: String,
}

impl fmt::Debug for Created {
    /// Omits the embed URL, which is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Created").field("record", &self.record).finish_non_exhaustive()
    }
}

/// Reason why no session was created.
#[derive(Debug)]
pub(crate) enum CreateError {
    /// Browsers may not choose the country.
    CountryNotAllowed,
    /// The provider does not support the country.
    UnknownCountry,
    /// The platform is unknown or inactive.
    UnknownPlatform,
    /// The idempotency key was used with a different body.
    KeyReused,
    /// It is unknown whether the provider created a session for the key. Holds the provider's error when it occurs.
    KeySpent(Option<ProviderError>),
    /// The session that the key created no longer exists.
    SessionNotFound,
    /// The list of platforms is not available.
    Platforms(PlatformsError),
    /// The provider created no session.
    Provider(ProviderError),
    /// The session that the key created has no embed URL.
    EmbedUrl(EmbedUrlError),
    /// The database failed.
    Store(StoreError),
    /// The request or the provider's response cannot be converted to JSON.
    Json(serde_json::Error),
}

/// Failure of a creation, by its effect on the idempotency key.
enum Failure {
    /// The provider created no session, so the key can be used again.
    NothingCreated(CreateError),
    /// The provider created a session or may have, so the key is spent.
    MaybeCreated(CreateError),
}

impl SessionCreator {
    pub(crate) fn new(
        config: &Config,
        store: Store,
        client: Client,
        budget: Budget,
        registry: Arc<SessionRegistry>,
        platforms: Arc<Platforms>,
    ) -> Self {
        Self {
            store,
            client,
            budget,
            registry,
            platforms,
            expires_in_hours: config.expires_in_hours,
            webhook_url: config.webhook_url.clone(),
            browser_may_choose_country: config.browser_may_choose_country,
            locks: KeyedLocks::default(),
        }
    }

    /// Creates the session that `user` requests under `key`, or returns the one that the key already created.
    ///
    /// Concurrent requests with one key create one session: the second waits for the first. If it is unknown whether
    /// the provider created a session, the key is spent: the provider has no idempotency keys, so a retry might create
    /// two.
    pub(crate) async fn create(&self, user: &str, key: &str, request: &CreateRequest) -> Result<Created, CreateError> {
        self.check_country(request.country.as_deref())?;
        let lock = self.locks.of(user, key);
        let _one_at_a_time = lock.lock().await;
        let body_hash = sha256(&serde_json::to_vec(request)?);
        match self.store.begin_creation(user, key, &body_hash, clock::wall()).await? {
            Creation::OtherBody => Err(CreateError::KeyReused),
            Creation::Unknown => Err(CreateError::KeySpent(None)),
            Creation::Done { session_id, embed_url } => self.repeat(&session_id, embed_url).await,
            Creation::New => match self.send(user, key, request).await {
                Ok(created) => Ok(created),
                Err(Failure::NothingCreated(error)) => {
                    self.store.abandon_creation(user, key).await?;
                    Err(error)
                }
                Err(Failure::MaybeCreated(error)) => Err(error),
            },
        }
    }

    fn check_country(&self, country: Option<&str>) -> Result<(), CreateError> {
        match country {
            None => Ok(()),
            Some(_) if !self.browser_may_choose_country => Err(CreateError::CountryNotAllowed),
            Some(country) if !SESSION_COUNTRIES.contains(&country) => Err(CreateError::UnknownCountry),
            Some(_) => Ok(()),
        }
    }

    /// Sends the create request to the provider and stores the session.
    async fn send(&self, user: &str, key: &str, request: &CreateRequest) -> Result<Created, Failure> {
        let platform = self.platform(request.platform_id).await.map_err(Failure::NothingCreated)?;
        let permit = self.budget.permit_within(Priority::Create, USER_PERMIT_TIMEOUT).await;
        let permit = permit.map_err(|error| Failure::NothingCreated(CreateError::Provider(error)))?;
        let webhook = self.webhook_url.as_ref().map(|base| (base, Secret::random()));
        let body = CreateSession {
            platform_id: request.platform_id,
            expires_in_hours: self.expires_in_hours,
            webhook_url: webhook
                .as_ref()
                .map(|(base, secret)| format!("{}/webhooks/{}", base.as_str().trim_end_matches('/'), secret.expose())),
            country: request.country.clone(),
            ..CreateSession::default()
        };
        let created = self.client.create(permit, &body).await?;
        let webhook_hash = webhook.map(|(_, secret)| sha256(secret.expose().as_bytes()));
        // The session exists from here on, so no later failure may release the key.
        self.save(user, key, created, &platform, webhook_hash).await.map_err(Failure::MaybeCreated)
    }

    async fn save(
        &self,
        user: &str,
        key: &str,
        created: CreatedSession,
        platform: &Platform,
        webhook_hash: Option<[u8; 32]>,
    ) -> Result<Created, CreateError> {
        let embed_url = created.embed_url.clone();
        let raw = first_state(created, platform)?;
        let now = clock::wall();
        let record = Record {
            user: user.to_owned(),
            session: serde_json::from_value(raw.clone())?,
            raw,
            rev: 1,
            created_at: now,
            updated_at: now,
            ended_at: None,
        };
        let new = NewSession { record, embed_url, webhook_hash };
        self.store.finish_creation(user, key, &new).await?;
        tracing::info!(session = new.record.session.session_id, platform = platform.name, "session created");
        Ok(Created { record: self.registry.add(new.record), embed_url: new.embed_url })
    }

    /// Returns the session that the key created: with the same embed URL while it is still usable, later with a fresh
    /// one.
    async fn repeat(&self, session_id: &str, embed_url: Option<String>) -> Result<Created, CreateError> {
        let watched = self.registry.get(session_id).await?.ok_or(CreateError::SessionNotFound)?;
        let embed_url = match embed_url {
            Some(url) => url,
            None => {
                let fresh = self.registry.embed_url(&watched, &self.client, &self.budget).await;
                fresh.map_err(CreateError::EmbedUrl)?
            }
        };
        Ok(Created { record: watched.record(), embed_url })
    }

    async fn platform(&self, id: u64) -> Result<Platform, CreateError> {
        let platforms = self.platforms.list().await.map_err(CreateError::Platforms)?;
        let platform = platforms.iter().find(|platform| platform.id == id && platform.is_active);
        platform.cloned().ok_or(CreateError::UnknownPlatform)
    }
}

/// Converts the response to the create request to the first stored state of the session.
fn first_state(created: CreatedSession, platform: &Platform) -> Result<Value, serde_json::Error> {
    let status = created.status.clone().unwrap_or(SessionStatus::Created);
    let known = json!({
        "platformId": platform.id,
        "platform": PlatformSummary {
            id: platform.id,
            name: platform.name.clone(),
            display_name: platform.display_name.clone(),
            icon: platform.icon.clone(),
            login_url: None,
        },
    });
    let mut state = serde_json::to_value(created)?;
    state["status"] = json!(status);
    Ok(merge_session(&known, state))
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        if error.outcome_unknown() {
            Self::MaybeCreated(CreateError::KeySpent(Some(error)))
        } else {
            Self::NothingCreated(CreateError::Provider(error))
        }
    }
}

impl From<StoreError> for CreateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<serde_json::Error> for CreateError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}
