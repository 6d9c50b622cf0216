import { BOARD_ERRORS } from "../../board/src/errors.ts";
import { CLI_ERRORS, EXIT } from "../../cli/src/errors/catalog.ts";
import { RAG_ERRORS } from "../../rag/src/errors.ts";
import { GENERATED_NOTICE, markdownTable } from "./table.ts";

export function errorsDocument(): string {
  return `${GENERATED_NOTICE}

# Errors

Codes are permanent. Messages may get better.

## Exit codes of elk-os

${markdownTable(
  ["exit", "name"],
  Object.entries(EXIT).map(([name, exit]) => [String(exit), name]),
)}

130 and 143 follow SIGINT and SIGTERM; the journal is closed before.

## elk-os

${markdownTable(
  ["code", "exit", "what"],
  Object.entries(CLI_ERRORS).map(([code, { exit, title }]) => [code, String(exit), title]),
)}

## The board, through REST, GraphQL and MCP

${markdownTable(
  ["code", "HTTP", "what", "next step"],
  Object.entries(BOARD_ERRORS).map(([code, { status, title, next }]) => [code, String(status), title, next]),
)}

## Search

${markdownTable(
  ["code", "HTTP", "next step"],
  Object.entries(RAG_ERRORS).map(([code, { status, next }]) => [code, String(status), next]),
)}
`;
}
