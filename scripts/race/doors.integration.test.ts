import { once } from "node:events";
import { createServer } from "node:http";
import pg from "pg";
import { expect, it } from "vitest";
import { DOORS } from "./doors.ts";

it("comes back after each 503 of the pressure limiter, counts it, and tells what was said in the end", async () => {
  const said = [503, 503, 200];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(said[asked.length - 1] ?? 500, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ data: { claim_epoch: 3, version: 8 } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The stub has no port.");
    let pressed = 0;
    const track = {
      url: `http://127.0.0.1:${address.port}`,
      line: () => new pg.Client(),
      pressed: () => (pressed += 1),
    };
    const racer = { name: "r1", user: "u1", token: "t1", session: "s1" };
    const attempt = await DOORS.rest(track, racer, "task-1", null);
    expect(attempt).toEqual({ won: true, task: "task-1", epoch: 3, version: 8, answer: null });
    expect(pressed).toBe(2);
    expect(asked).toEqual(Array(3).fill("PATCH /items/os_tasks/task-1?fields=claim_epoch,version"));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
