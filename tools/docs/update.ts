/** Brings what the documents repeat of the code up to date: `npm run docs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withExample } from "./worked-example.js";

const protocol = join(fileURLToPath(new URL("../../..", import.meta.url)), "docs/PROTOCOL.md");
writeFileSync(protocol, withExample(readFileSync(protocol, "utf8")));
