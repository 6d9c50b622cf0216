import { expect, test } from "vitest";
import { parsePasswd } from "./users.ts";

const PASSWD = "root:x:0:0:root:/root:/bin/bash\nelk-os:x:998:997::/nonexistent:/usr/sbin/nologin\n";

test("a user is found by its whole name", () => {
  expect(parsePasswd(PASSWD, "elk-os")).toEqual({ uid: 998, gid: 997 });
  expect(parsePasswd(PASSWD, "elk")).toBeNull();
});
