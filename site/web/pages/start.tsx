// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { Heading } from "../parts/heading.js";
import { shellWords } from "../words/shell.js";

export function Start(): JSX.Element {
	return <Heading title={shellWords().pages.start} />;
}
