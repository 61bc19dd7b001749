import assert from "node:assert/strict";
import { browserPage, pageResponse } from "../../src/transport/websocket_page.ts";

Deno.test("browserPage() names the URL that clients are to be given", () => {
  assert.match(browserPage("pi.local:9001", "/mqtt", false), /<code>ws:\/\/pi\.local:9001\/mqtt</);
  assert.match(browserPage("[::1]:9001", "/", true), /<code>wss:\/\/\[::1\]:9001\/</);
});

Deno.test("browserPage() shows no host that is not one, and no markup of a path", () => {
  const attacks = ["<script>", 'a"b', "a b", "x".repeat(300), undefined];
  for (const host of attacks) {
    assert.match(browserPage(host, "/<b>", false), /ws:\/\/this-host:port\/&#60;b&#62;</);
  }
});

Deno.test("pageResponse() forbids scripts, and counts bytes, not letters", () => {
  const [head = "", body = ""] = pageResponse("\u00e4\u00f6").split("\r\n\r\n");
  assert.equal(body, "\u00e4\u00f6");
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(head, /\r\nContent-Length: 4\r\n/);
  assert.match(head, /\r\nContent-Security-Policy: default-src 'none';/);
  assert.match(head, /\r\nConnection: close$/);
});
