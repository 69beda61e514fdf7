//! Data extracted from an account: fixed sample people, with months that end with the last whole one.

use cr3dentials_core::time::UnixMillis;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::platforms::AccountKind;
use crate::world::random::hex;

/// Returns the complete data of a platform of this kind.
pub(crate) fn complete(kind: AccountKind, now: UnixMillis) -> Value {
    let [oldest, middle, newest] = last_months(now);
    match kind {
        AccountKind::Rides => json!({
            "profile": { "name": "Amara Okafor", "memberSince": "2021-04-18", "city": "Chicago", "active": true },
            "rating": 4.93,
            "completedTrips": 6412,
            "acceptanceRate": 0.91,
            "vehicle": { "make": "Toyota", "model": "Camry", "year": 2022 },
            "currency": "USD",
            "monthlyEarnings": [
                { "month": oldest, "gross": 4218.55, "net": 3391.20, "trips": 212 },
                { "month": middle, "gross": 4502.10, "net": 3640.75, "trips": 228 },
                { "month": newest, "gross": 4377.80, "net": 3522.40, "trips": 219 },
            ],
        }),
        AccountKind::Delivery => json!({
            "profile": { "name": "Mateo Silva", "memberSince": "2022-09-05", "city": "Austin", "active": true },
            "rating": 4.88,
            "completedJobs": 3870,
            "onTimeRate": 0.97,
            "currency": "USD",
            "monthlyEarnings": [
                { "month": oldest, "gross": 2480.00, "net": 2210.35, "jobs": 174 },
                { "month": middle, "gross": 2655.40, "net": 2371.90, "jobs": 188 },
                { "month": newest, "gross": 2598.25, "net": 2315.60, "jobs": 181 },
            ],
        }),
        AccountKind::Bank => json!({
            "profile": { "name": "Hannah Lindqvist", "customerSince": "2016-02-11" },
            "accounts": [{ "type": "current", "lastDigits": "4471", "currency": "USD", "balance": 8312.07 }],
            "monthlyIncome": [
                { "month": oldest, "amount": 5210.00, "source": "Salary" },
                { "month": middle, "amount": 5210.00, "source": "Salary" },
                { "month": newest, "amount": 5390.00, "source": "Salary" },
            ],
        }),
        AccountKind::Payroll => json!({
            "profile": { "name": "Jonas Becker" },
            "employer": "Fairwater Logistics",
            "position": "Fleet coordinator",
            "employedSince": "2019-08-01",
            "currency": "USD",
            "payslips": [
                { "month": oldest, "gross": 4980.00, "net": 3712.44 },
                { "month": middle, "gross": 4980.00, "net": 3712.44 },
                { "month": newest, "gross": 5150.00, "net": 3829.10 },
            ],
        }),
    }
}

/// Returns the data read before the workflow stopped: scalars and objects, without the monthly lists.
pub(crate) fn partial(kind: AccountKind, now: UnixMillis) -> Value {
    let mut data = complete(kind, now);
    if let Some(fields) = data.as_object_mut() {
        fields.retain(|_, value| !value.is_array());
    }
    data
}

/// Returns a reference to the attestation: hexadecimal SHA-256 over the canonical form of `value` (RFC 8785).
///
/// A simulation: the provider's proofs are zero-knowledge, this is a plain digest.
pub(crate) fn proof_hash(value: &Value) -> String {
    // Plain JSON, so this cannot fail.
    hex(&Sha256::digest(serde_json_canonicalizer::to_vec(value).unwrap_or_default()))
}

/// Returns the three whole months before `now` as `YYYY-MM`, oldest first.
fn last_months(now: UnixMillis) -> [String; 3] {
    let text = now.to_string();
    let mut parts = text.split('-').map(|part| part.parse::<i64>().unwrap_or(1));
    let (year, month) = (parts.next().unwrap_or(1970), parts.next().unwrap_or(1));
    [3, 2, 1].map(|back| {
        let months = year * 12 + month - 1 - back;
        format!("{:04}-{:02}", months.div_euclid(12), months.rem_euclid(12) + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_months_cross_the_year_boundary() {
        let now = UnixMillis::parse("2026-02-10T00:00:00Z").unwrap();
        assert_eq!(last_months(now), ["2025-11", "2025-12", "2026-01"]);
    }

    #[test]
    fn proof_hash_does_not_depend_on_key_order() {
        let one: Value = serde_json::from_str(r#"{ "b": [1, {"y": 2, "x": "é\n"}], "a": null }"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"a":null,"b":[1,{"x":"é\n","y":2}]}"#).unwrap();
        assert_eq!(proof_hash(&one), proof_hash(&other));
        let expected = hex(&Sha256::digest(r#"{"a":null,"b":[1,{"x":"é\n","y":2}]}"#));
        assert_eq!(proof_hash(&one), expected);
        // RFC 8785 writes numbers as JavaScript does.
        assert_eq!(proof_hash(&json!([2480.0, 8312.07])), hex(&Sha256::digest("[2480,8312.07]")));
    }

    #[test]
    fn partial_account_has_fewer_fields_than_a_complete_one() {
        for kind in [AccountKind::Rides, AccountKind::Delivery, AccountKind::Bank, AccountKind::Payroll] {
            let (whole, part) = (complete(kind, UnixMillis(0)), partial(kind, UnixMillis(0)));
            assert!(part["profile"]["name"].is_string());
            assert!(part.as_object().unwrap().len() < whole.as_object().unwrap().len(), "{kind:?}");
        }
    }
}
