//! The map of a site, for search engines: <https://www.sitemaps.org/protocol.html>.

use crate::base::text::escaped;
use crate::model::Address;

/// Pages that one file may name.
const MOST: usize = 50_000;

/// Returns the names and texts of the files that name all pages: `sitemap.xml`, which leads to others
/// where there are too many for one.
pub(super) fn files(site: &Address, pages: &[String]) -> Vec<(String, String)> {
    let address = |path: &str| {
        let address = site.join(path.strip_suffix("index.html").unwrap_or(path));
        address.map(|address| escaped(address.as_str()))
    };
    let list = |pages: &[String]| {
        let urls = pages.iter().filter_map(|page| address(page));
        document("urlset", "url", urls)
    };
    if pages.len() <= MOST {
        return vec![("sitemap.xml".to_owned(), list(pages))];
    }
    let parts = pages.chunks(MOST).enumerate();
    let mut out: Vec<(String, String)> = parts
        .map(|(n, part)| (format!("sitemap-{}.xml", n + 1), list(part)))
        .collect();
    let names = out.iter().filter_map(|(name, _)| address(name));
    out.insert(
        0,
        (
            "sitemap.xml".to_owned(),
            document("sitemapindex", "sitemap", names),
        ),
    );
    out
}

fn document(root: &str, each: &str, addresses: impl Iterator<Item = String>) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{root} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    );
    for address in addresses {
        out.push_str(&format!("<{each}><loc>{address}</loc></{each}>\n"));
    }
    out.push_str(&format!("</{root}>\n"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Address {
        Address::parse("https://acme.example/a&b/").unwrap()
    }

    #[test]
    fn pages_have_addresses() {
        let pages = ["index.html", "shop/index.html", "shop/cases.html"];
        let files = files(&site(), &pages.map(str::to_owned));
        insta::assert_snapshot!(files[0].1, @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <url><loc>https://acme.example/a&amp;b/</loc></url>
        <url><loc>https://acme.example/a&amp;b/shop/</loc></url>
        <url><loc>https://acme.example/a&amp;b/shop/cases.html</loc></url>
        </urlset>
        "#);
    }

    #[test]
    fn many_pages_have_several_files() {
        let pages: Vec<String> = (0..100_001).map(|n| format!("{n}.html")).collect();
        let files = files(&site(), &pages);
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "sitemap.xml",
            "sitemap-1.xml",
            "sitemap-2.xml",
            "sitemap-3.xml",
        ];
        assert_eq!(names, expected);
        assert_eq!(files[0].1.matches("<sitemap>").count(), 3);
        let urls = files[1..]
            .iter()
            .map(|(_, text)| text.matches("<url>").count());
        assert_eq!(urls.sum::<usize>(), 100_001);
    }
}
