//! Platforms whose accounts can be verified. All but the first are fictional.

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::{Platform, PlatformSummary};
use serde_json::json;

/// Kind of account, which decides the extracted data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountKind {
    Rides,
    Delivery,
    Bank,
    Payroll,
}

/// A platform, without the parts that depend on the sandbox's origin.
#[derive(Debug)]
pub(crate) struct PlatformEntry {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) display_name: &'static str,
    pub(crate) login_url: &'static str,
    pub(crate) kind: AccountKind,
    pub(crate) is_active: bool,
    description: Option<&'static str>,
    allow_custom_url: bool,
    workflow: Option<&'static str>,
    updated_at: Option<&'static str>,
}

/// Every platform, in the order of the list.
pub(crate) const PLATFORMS: [PlatformEntry; 6] = [
    PlatformEntry {
        id: 1,
        name: "uber",
        display_name: "Uber",
        login_url: "https://auth.uber.com/v2",
        kind: AccountKind::Rides,
        is_active: true,
        description: Some("Ride-hailing: trips, rating and earnings of a driver"),
        allow_custom_url: false,
        workflow: Some("driver-profile"),
        updated_at: Some("2026-01-12T10:30:00.000Z"),
    },
    PlatformEntry {
        id: 2,
        name: "lumo-rides",
        display_name: "Lumo Rides",
        login_url: "https://go.lumo.example/sign-in",
        kind: AccountKind::Rides,
        is_active: true,
        description: Some("Ride-hailing in mid-sized cities"),
        allow_custom_url: false,
        workflow: Some("driver-profile"),
        updated_at: None,
    },
    PlatformEntry {
        id: 3,
        name: "parcelo",
        display_name: "Parcelo",
        login_url: "https://parcelo.example/courier",
        kind: AccountKind::Delivery,
        is_active: true,
        description: Some("Food and parcel delivery: jobs and earnings of a courier"),
        allow_custom_url: false,
        workflow: None,
        updated_at: Some("2025-11-03T08:00:00.000Z"),
    },
    PlatformEntry {
        id: 4,
        name: "northshore-bank",
        display_name: "Northshore Bank",
        login_url: "https://northshore.example/login",
        kind: AccountKind::Bank,
        is_active: true,
        description: Some("Current accounts: holder, balance and regular income"),
        allow_custom_url: false,
        workflow: Some("account-summary"),
        updated_at: Some("2026-02-20T16:45:00.000Z"),
    },
    PlatformEntry {
        id: 5,
        name: "paygrove",
        display_name: "Paygrove",
        login_url: "https://my.paygrove.example/employees",
        kind: AccountKind::Payroll,
        is_active: true,
        description: Some("Payroll: employer, position and payslips"),
        allow_custom_url: true,
        workflow: None,
        updated_at: None,
    },
    PlatformEntry {
        id: 6,
        name: "kettle-couriers",
        display_name: "Kettle Couriers",
        login_url: "https://kettle.example/login",
        kind: AccountKind::Delivery,
        is_active: false,
        description: None,
        allow_custom_url: false,
        workflow: None,
        updated_at: Some("2026-03-01T12:00:00.000Z"),
    },
];

/// Returns the ids of the platforms that sessions can be created for.
pub(crate) fn active_platforms() -> Vec<u64> {
    PLATFORMS.iter().filter(|entry| entry.is_active).map(|entry| entry.id).collect()
}

/// `createdAt` of every platform.
const CREATED_AT: &str = "2025-06-02T09:00:00.000Z";

impl PlatformEntry {
    /// Finds the platform with this id.
    pub(crate) fn find(id: u64) -> Option<&'static Self> {
        PLATFORMS.iter().find(|entry| entry.id == id)
    }

    /// Returns the platform as the list of platforms shows it, with its icon at `origin`.
    pub(crate) fn to_wire(&self, origin: &str) -> Platform {
        Platform {
            id: self.id,
            name: self.name.to_owned(),
            display_name: self.display_name.to_owned(),
            description: self.description.map(str::to_owned),
            icon: Some(self.icon(origin)),
            login_url: self.login_url.to_owned(),
            allow_custom_url: self.allow_custom_url,
            config: self.workflow.map(|workflow| json!({ "workflow": workflow, "timeoutSecs": 900 })),
            is_active: self.is_active,
            created_at: UnixMillis::parse(CREATED_AT),
            updated_at: self.updated_at.and_then(UnixMillis::parse),
        }
    }

    /// Returns the summary that a session includes.
    pub(crate) fn summary(&self, origin: &str) -> PlatformSummary {
        PlatformSummary {
            id: self.id,
            name: self.name.to_owned(),
            display_name: self.display_name.to_owned(),
            icon: Some(self.icon(origin)),
            login_url: Some(self.login_url.to_owned()),
        }
    }

    fn icon(&self, origin: &str) -> String {
        format!("{origin}/icons/{}.svg", self.name)
    }
}
