/**
 * A whole broker on a disk that fills up and has room again, seen by its clients.
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../../build/paths.ts";
import { linesInNamespace, testWithMounts } from "../support/mount_namespace.ts";
import { temporaryFolder } from "./fixture.ts";

testWithMounts(
  "on a full disk a broker acknowledges nothing that it cannot store, and goes on when there is room",
  async () => {
    using folder = temporaryFolder();
    const program = fromFileUrl(new URL("./full_server_scenario.ts", import.meta.url));
    assert.deepEqual(await linesInNamespace(program, [folder.path]), [
      "before: 0x00",
      "MQTT 5, to a session that is stored: 0x97",
      "MQTT 5, QoS 2: 0x97",
      "MQTT 5, retained: 0x97",
      "MQTT 5, to nobody: 0x10",
      "MQTT 3.1.1: closed without an acknowledgement",
      "while full, to a clean session: 0x00",
      "held until there was room: 0x00",
      "MQTT 3.1.1, again: 0x00",
      "session present: true",
      "received before",
      "received held",
      "received sent again",
      "received end",
    ]);
  },
);
