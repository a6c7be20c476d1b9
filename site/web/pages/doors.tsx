// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { type Door, doorName, doorPath, loadDoors, useDoorNews } from "../doors.js";
import { may } from "../me.js";
import type { PageProps } from "../pages.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Empty } from "../parts/notice.js";
import { type Column, Table } from "../parts/table.js";
import { agesOf, doorWords } from "../words/doors.js";
import { shellWords } from "../words/shell.js";
import { DoorPage } from "./door.js";
import { AlarmTags, Standing } from "./door-standing.js";
import { SiteLockdown } from "./lockdown.js";

/** Doors: all of them, or one. */
export function Doors({ rest }: PageProps): JSX.Element {
	const [id] = rest;
	return id === undefined ? <DoorList /> : <DoorPage key={id} id={id} />;
}

function DoorList(): JSX.Element {
	const t = doorWords();
	const doors = useLoaded("doors", loadDoors);
	useDoorNews(doors.again);
	const columns: Column<Door>[] = [
		{ title: t.name, cell: (door) => <a href={doorPath(door.id)}>{doorName(door)}</a> },
		{ title: t.state, cell: (door) => <Standing door={door} /> },
		{ title: t.planAge, isWide: true, cell: (door) => agesOf(door).plan },
		{ title: t.timeAge, isWide: true, cell: (door) => agesOf(door).time },
		{ title: t.logAge, isWide: true, cell: (door) => agesOf(door).log },
		{ title: t.alarms, cell: ({ alarms }) => <AlarmTags kinds={alarms} /> },
	];
	return (
		<>
			<Heading title={shellWords().pages.doors}>
				{may("administrator") && (
					<a class="button primary" href="/add-door">
						{shellWords().pages.addDoor}
					</a>
				)}
			</Heading>
			<Loaded of={doors}>
				{(rows) => (
					<>
						<SiteLockdown doors={rows} />
						{rows.length === 0 ? (
							<Empty>{t.none}</Empty>
						) : (
							<Table caption={t.caption} columns={columns} rows={rows} keyOf={({ id }) => id} />
						)}
					</>
				)}
			</Loaded>
		</>
	);
}
