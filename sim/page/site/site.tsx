// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Client } from "../client.js";

export function Site({ client }: { client: Client }): JSX.Element {
	return <p class="faint">{client.state.value === undefined ? "The reader starts." : ""}</p>;
}
