/**
 * What systemd keeps from the broker, and what it makes for it.
 */

import assert from "node:assert/strict";
import { isMadeBySystemd, sandboxFault } from "../../src/check/sandbox.ts";
import { addToUnit, findUnit } from "../../src/check/service_unit.ts";
import { fakeMachine } from "./fake_machine.ts";

const PATH = "/etc/systemd/system/broker.service";

function unitWith(...lines: string[]) {
  const text = ["[Service]", ...lines, ""].join("\n");
  return findUnit(fakeMachine({ [PATH]: { text } }));
}

/** The setting that is in the way; undefined: none is. */
function fault(lines: readonly string[], path: string, need: "read" | "write") {
  const found = sandboxFault(unitWith(...lines), path, need);
  return found === undefined ? undefined : /with '(.*)'$/.exec(found.reason)?.[1];
}

Deno.test("sandboxFault() knows the homes that a service does not see", () => {
  const home = "/home/pi/key.pem";
  assert.equal(fault(["ProtectHome=yes"], home, "read"), "ProtectHome=yes");
  assert.equal(fault(["ProtectHome=tmpfs"], "/root/b.db", "write"), "ProtectHome=tmpfs");
  assert.equal(fault(["ProtectHome=yes"], "/homes/key.pem", "read"), undefined);
  assert.equal(fault(["ProtectHome=no"], home, "read"), undefined);
  assert.equal(fault(["ProtectHome=read-only"], home, "read"), undefined);
  assert.equal(fault(["ProtectHome=read-only"], home, "write"), "ProtectHome=read-only");
  assert.equal(
    fault(["ProtectHome=tmpfs", "BindReadOnlyPaths=/home/pi/key.pem"], home, "read"),
    undefined,
  );
  assert.equal(sandboxFault(undefined, home, "write"), undefined);
});

Deno.test("sandboxFault() knows what a service cannot write", () => {
  const strict = ["ProtectSystem=strict", "StateDirectory=broker", "ReadWritePaths=/mnt/data"];
  assert.equal(fault(strict, "/srv/b.db", "write"), "ProtectSystem=strict");
  assert.equal(fault(strict, "/srv/b.db", "read"), undefined);
  assert.equal(fault(strict, "/var/lib/broker/b.db", "write"), undefined);
  assert.equal(fault(strict, "/var/lib/broker2/b.db", "write"), "ProtectSystem=strict");
  assert.equal(fault(strict, "/mnt/data/b.db", "write"), undefined);
  assert.equal(fault(strict, "/dev/shm/b.db", "write"), undefined);
  assert.equal(fault(["ProtectSystem=full"], "/etc/broker/b.db", "write"), "ProtectSystem=full");
  assert.equal(fault(["ProtectSystem=full"], "/var/lib/b.db", "write"), undefined);
  assert.equal(fault(["ProtectSystem=true"], "/usr/local/b.db", "write"), "ProtectSystem=yes");
  assert.equal(fault(["ProtectSystem=true"], "/etc/b.db", "write"), undefined);
  assert.equal(fault(["ReadWritePaths=/", "ProtectSystem=strict"], "/srv/b", "write"), undefined);
});

Deno.test("sandboxFault() knows that a service may have a /tmp of its own", () => {
  assert.equal(fault(["PrivateTmp=yes"], "/tmp/b.sock", "write"), "PrivateTmp=yes");
  assert.equal(fault(["PrivateTmp=yes"], "/var/tmp/acl", "read"), "PrivateTmp=yes");
  assert.equal(fault(["PrivateTmp=no"], "/tmp/b.sock", "write"), undefined);
});

Deno.test("sandboxFault() says what opens a path", () => {
  assert.deepEqual(sandboxFault(unitWith("ProtectSystem=strict"), "/srv/mqtt/b.db", "write"), {
    reason: `'${PATH}' makes it read-only for the broker with 'ProtectSystem=strict'`,
    cure: addToUnit("ReadWritePaths=-/srv/mqtt"),
  });
  assert.equal(
    sandboxFault(unitWith("ProtectSystem=strict"), "/run/mqtt/s", "write")?.cure,
    addToUnit("RuntimeDirectory=mqtt"),
  );
  assert.deepEqual(sandboxFault(unitWith("PrivateTmp=yes"), "/tmp/key.pem", "read"), {
    reason: `'${PATH}' hides it from the broker with 'PrivateTmp=yes'`,
    cure: `move it to a folder like '/etc/broker'; or: ${addToUnit("PrivateTmp=no")}`,
  });
});

Deno.test("isMadeBySystemd() knows the folders of a service", () => {
  const unit = unitWith(
    "StateDirectory=broker",
    "RuntimeDirectory=broker/sockets",
    "LogsDirectory=b",
    "CacheDirectory=c",
  );
  const paths = ["/var/lib/broker/x", "/run/broker/sockets/s", "/var/log/b/l", "/var/cache/c"];
  assert.deepEqual(paths.map((path) => isMadeBySystemd(unit, path)), [true, true, true, true]);
  assert.equal(isMadeBySystemd(unit, "/run/broker/s"), false);
  assert.equal(isMadeBySystemd(undefined, "/var/lib/broker/x"), false);
});
