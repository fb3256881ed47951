/** The differences of one kind of EHR from plain FHIR R4. The folder of an EHR has only these. */
export type EhrQuirks = {
  id: string;
  name: string;
  pageSize: number;
  /** Added to the search of a type, e.g. a category that the server demands. */
  search?: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>>;
  /** Types that this kind of server only searches for one patient. */
  patientOnly?: readonly string[];
  /**
   * The server does not sort by `_lastUpdated`. A window is read to its end before its cursor
   * moves.
   */
  unsorted?: boolean;
};

/** The settings of plain FHIR R4, which other kinds begin with. */
export const plain: Omit<EhrQuirks, 'id' | 'name'> = {
  pageSize: 100,
  search: { Observation: { category: 'survey,social-history,sdoh' } },
};
