/** Headers by which proxy.ts tells the pages what only it knows. It overwrites whatever a caller sent under these names. */
export const NONCE_HEADER = "x-nonce";
export const KIOSK_HEADER = "x-muster-kiosk";
export const THEME_HEADER = "x-muster-theme";
/** `?at=`, checked to name an instant. */
export const AT_HEADER = "x-muster-at";
/** Path and query without theme and kiosk: the name of the page's reading (data/last-reading.ts). */
export const PAGE_HEADER = "x-muster-page";
