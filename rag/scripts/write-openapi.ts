/** Writes docs/openapi-rag.json from the routes. A test fails when it is out of date. */
import { writeFileSync } from "node:fs";
import { makeRagApp } from "../test/rag-app.ts";

const running = await makeRagApp();
const { body } = await running.get("/openapi.json");
writeFileSync(new URL("../../docs/openapi-rag.json", import.meta.url), `${JSON.stringify(body, null, 2)}\n`);
await running.close();
