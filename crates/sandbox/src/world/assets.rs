//! Static files of the frame page and the console, and platform icons.

use super::http::Response;

/// Returns a style sheet, script or icon of the two pages.
pub(super) fn asset(name: &str) -> Response {
    match name {
        "frame.css" => file("text/css; charset=utf-8", include_str!("../frame/frame.css")),
        "frame.js" => file("text/javascript; charset=utf-8", include_str!("../frame/frame.js")),
        "console.css" => file("text/css; charset=utf-8", include_str!("../console/console.css")),
        "console.js" => file("text/javascript; charset=utf-8", include_str!("../console/console.js")),
        "icon.svg" => file("image/svg+xml", include_str!("../frame/icon.svg")),
        _ => Response::error(404, "Not Found"),
    }
}

/// Returns a platform's icon.
pub(super) fn icon(name: &str) -> Response {
    let svg = match name {
        "uber.svg" => include_str!("../icons/uber.svg"),
        "lumo-rides.svg" => include_str!("../icons/lumo-rides.svg"),
        "parcelo.svg" => include_str!("../icons/parcelo.svg"),
        "northshore-bank.svg" => include_str!("../icons/northshore-bank.svg"),
        "paygrove.svg" => include_str!("../icons/paygrove.svg"),
        "kettle-couriers.svg" => include_str!("../icons/kettle-couriers.svg"),
        _ => return Response::error(404, "Not Found"),
    };
    file("image/svg+xml", svg)
}

fn file(content_type: &str, body: &str) -> Response {
    let headers = vec![
        ("content-type", content_type.to_owned()),
        // Revalidated on each use, so that a rebuilt sandbox is never shown with an old script.
        ("cache-control", "no-cache".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    Response::new(200, headers, body.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::platforms::PLATFORMS;
    use super::*;

    #[test]
    fn every_platform_has_an_icon() {
        for platform in &PLATFORMS {
            let icon = icon(&format!("{}.svg", platform.name));
            assert_eq!((icon.status, icon.headers[0].1.as_str()), (200, "image/svg+xml"), "{}", platform.name);
        }
    }
}
