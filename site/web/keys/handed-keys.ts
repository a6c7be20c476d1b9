// SPDX-License-Identifier: Apache-2.0

import { signal } from "@preact/signals";
import type { NamedText } from "./root.js";

/** The key file by which readers are made doors, as long as the page is open: it is not asked for again. */
export const handedKeys = signal<NamedText | undefined>(undefined);

export function handKeys(file: NamedText | undefined): void {
	handedKeys.value = file;
}
