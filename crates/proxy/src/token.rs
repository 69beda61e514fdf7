//! Client tokens, each of which gives access to one session and nothing else.
//!
//! The format is `v1.<payload>.<mac>`, both parts in base64url. The payload holds the session id and the expiry. The
//! MAC is HMAC-SHA256 over everything before it, the version included, so a token cannot be replayed as another
//! version.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cr3dentials_core::time::UnixMillis;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::secret::Secret;

const VERSION: &str = "v1";

/// Maximum length of a token, in bytes. Longer input is rejected without decoding.
const MAX_LENGTH: usize = 512;

#[derive(Serialize, Deserialize)]
struct Payload {
    /// Session id.
    s: String,
    /// Expiry, in milliseconds of Unix time.
    e: i64,
}

/// Signs and verifies client tokens.
#[derive(Debug)]
pub(crate) struct TokenSigner(Secret);

impl TokenSigner {
    pub(crate) fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// Returns the token for `session_id`, valid before `expires`. The same input always gives the same token.
    pub(crate) fn sign(&self, session_id: &str, expires: UnixMillis) -> String {
        let payload = Payload { s: session_id.to_owned(), e: expires.0 };
        // Serializing a struct of a string and a number cannot fail.
        let payload = serde_json::to_vec(&payload).unwrap_or_default();
        let signed = format!("{VERSION}.{}", URL_SAFE_NO_PAD.encode(payload));
        let mac = self.mac(&signed).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())).unwrap_or_default();
        format!("{signed}.{mac}")
    }

    /// Returns true if `token` was signed with this secret for `session_id` and has not expired. Reveals no reason
    /// otherwise.
    pub(crate) fn verify(&self, token: &str, session_id: &str, now: UnixMillis) -> bool {
        self.read(token).is_some_and(|payload| payload.s == session_id && now.0 < payload.e)
    }

    fn read(&self, token: &str) -> Option<Payload> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let (signed, mac) = token.rsplit_once('.')?;
        let (version, payload) = signed.split_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        // Compares in constant time.
        self.mac(signed)?.verify_slice(&mac).ok()?;
        if version != VERSION {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    fn mac(&self, signed: &str) -> Option<Hmac<Sha256>> {
        // HMAC accepts keys of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose().as_bytes()).ok()?;
        mac.update(signed.as_bytes());
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000);

    fn signer() -> TokenSigner {
        TokenSigner::new(Secret::new("a secret of at least thirty-two characters"))
    }

    #[test]
    fn a_token_opens_its_own_session_until_it_expires() {
        let token = signer().sign("one", UnixMillis(2_000));
        assert!(signer().verify(&token, "one", NOW));
        assert!(!signer().verify(&token, "two", NOW));
        assert!(!signer().verify(&token, "one", UnixMillis(2_000)));
    }

    #[test]
    fn a_token_signed_with_another_key_is_rejected() {
        let token =
            TokenSigner::new(Secret::new("another secret of thirty-two characters")).sign("one", UnixMillis(2_000));
        assert!(!signer().verify(&token, "one", NOW));
    }

    #[test]
    fn a_token_with_any_changed_character_is_rejected() {
        let token = signer().sign("one", UnixMillis(2_000));
        for at in 0..token.len() {
            for other in ["A", "x", "."] {
                let mut changed = token.clone();
                changed.replace_range(at..=at, other);
                assert!(changed == token || !signer().verify(&changed, "one", NOW), "{changed}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_input_causes_a_panic(text in "\\PC{0,80}") {
            prop_assert!(!signer().verify(&text, "one", NOW));
        }
    }
}
