/**
 * What a browser is shown that somebody pointed at a WebSocket listener.
 *
 * Owns the page. Nothing of a request gets into it but a host name that was checked.
 */

/** The host of a URL: name or address, and perhaps a port. */
const HOST = /^(?:[\w.-]{1,255}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

const STYLE = "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;" +
  "padding:0 1rem}code{background:#8882;padding:.1em .3em}";

/** `host`: the Host header; `path`: one that clients may use. */
export function browserPage(host: string | undefined, path: string, isEncrypted: boolean): string {
  const shownHost = host !== undefined && HOST.test(host) ? host : "this-host:port";
  const url = `${isEncrypted ? "wss" : "ws"}://${shownHost}${escapeHtml(path)}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>MQTT broker</title>
<style>${STYLE}</style>
<h1>This is an MQTT broker</h1>
<p>It works. There is nothing to see here for a browser: programs connect to this address with MQTT
over WebSocket and exchange messages.</p>
<p>To connect, give an MQTT client this URL: <code>${url}</code></p>
<p>With MQTT.js: <code>mqtt.connect("${url}")</code></p>
</html>
`;
}

/** The whole answer; scripts and everything from elsewhere are forbidden to the page. */
export function pageResponse(page: string): string {
  const length = new TextEncoder().encode(page).length;
  return [
    "HTTP/1.1 200 OK",
    "Content-Type: text/html; charset=utf-8",
    `Content-Length: ${length}`,
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; " +
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options: nosniff",
    "Cache-Control: no-store",
    "Connection: close",
    "",
    page,
  ].join("\r\n");
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
