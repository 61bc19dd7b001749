/**
 * Which requests are answered, and what other versions of the program are told.
 */

import assert from "node:assert/strict";
import { CONTROL_PROTOCOL } from "../../../src/control/protocol.ts";
import { VERSION } from "../../../src/version.ts";
import { ControlSite } from "./fixture.ts";

Deno.test("an unknown command is refused with what is known and what to do", async () => {
  await using site = await ControlSite.start();
  await assert.rejects(site.ask("client"), {
    message: `Cannot do 'client': the broker that runs has version ${VERSION}, which knows ` +
      "reload, status, clients, sessions, kick, retained, clear-retained, log-level " +
      "(did you mean 'clients'?). If this program is a newer one, restart the broker with it",
  });
});

Deno.test("a program of another protocol is told to restart the broker", async () => {
  await using site = await ControlSite.start();
  for (const protocol of [CONTROL_PROTOCOL - 1, CONTROL_PROTOCOL + 1]) {
    await assert.rejects(
      site.request({ command: "status", protocol, arguments: {} }),
      /does not understand this program. Restart the broker with the same program/,
    );
  }
});

Deno.test("a reload is answered by who does it", async () => {
  await using site = await ControlSite.start();
  assert.deepEqual(await site.ask("reload"), { ok: true, lines: ["reloaded"], items: [] });
});
