/**
 * What is to be said of the installed unit.
 */

import assert from "node:assert/strict";
import { probeService } from "../../src/check/probe_service.ts";
import { examinationOf, examinationOfUnit, fakeMachine, shown } from "./fake_machine.ts";

function found(exec: string): string[] {
  const text = `[Service]\nUser=broker\nExecStart=${exec}\n`;
  const files = { "/etc/systemd/system/broker.service": { text } };
  return shown(probeService(examinationOfUnit("", fakeMachine(files, { userId: 1000 }))));
}

Deno.test("probeService() says when the unit is for another configuration", () => {
  assert.deepEqual(found("/usr/bin/broker -c /etc/other.yaml"), [
    "info: broker.service runs with another configuration, '/etc/other.yaml': files were looked at " +
    "as user 'pi' | --user broker looks at them as that service's user",
  ]);
  assert.deepEqual(found("/usr/bin/broker -c /etc/broker/broker.yaml"), []);
});

Deno.test("probeService() says when another user's broker has the data", () => {
  const found = (uid: number) => {
    const machine = fakeMachine({ "/var/lib/broker/b.db.control": { kind: "socket", uid } });
    const config = "persistence: {path: /var/lib/broker/b.db}\n";
    return shown(probeService(examinationOf(config, machine, "pi")));
  };
  assert.deepEqual(found(1000), []);
  assert.deepEqual(found(990), [
    "warning: The broker has run as user 'broker' with this data, and files were looked at as user " +
    "'pi': what is said of owners and modes may be wrong | " +
    "sudo broker check --config '/etc/broker/broker.yaml' --user broker",
  ]);
});
