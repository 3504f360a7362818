{ lib }: lib.toLower "GRAFANA"
