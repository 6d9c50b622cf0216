import { expect, test } from "vitest";
import { ConfigError, loadConfig } from "./config.ts";

test("every missing variable is named at once", () => {
  expect(() => loadConfig({})).toThrow(ConfigError);
  for (const name of ["ELK_OS_INSTANCE_ID", "ELK_OS_IDENTITY_KEY_FILE", "ELK_OS_MEMORY_DIR", "ELK_OS_LOG_DIR"]) {
    expect(() => loadConfig({})).toThrow(name);
  }
});

test("an address other machines reach is refused without a key", () => {
  const environment = {
    ELK_OS_INSTANCE_ID: "0198c1de-0000-7000-8000-000000000001",
    ELK_OS_IDENTITY_KEY_FILE: "unused",
    ELK_OS_MEMORY_DIR: "memory",
    ELK_OS_LOG_DIR: "log",
    ELK_OS_HOST: "0.0.0.0",
  };
  expect(() => loadConfig(environment)).toThrow("ELK_OS_RAG_KEY_FILE: required");
});

test("a port that is no port is refused by name", () => {
  expect(() => loadConfig({ ELK_OS_PORT: "http" })).toThrow("ELK_OS_PORT");
});
