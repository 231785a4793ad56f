"""Reports: what the read models know, as papers people hand in: tables and forms in XLSX, CSV and PDF."""
