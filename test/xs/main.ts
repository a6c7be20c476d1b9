// SPDX-License-Identifier: Apache-2.0

/** One spec file on XS. Arguments: the compiled file, the checkout's root, the folder of vectors. */
import { install, run } from "./bdd.js";
import "./globals.js";

declare const host: { argument(index: number): string | undefined };

install();
await import(host.argument(0)!);
run();
