"""Random models of XGBoost and LightGBM, and whether Indelible scores rows as the libraries do."""
